import { createPhrasebook } from '#server/i18n/phrasebook.ts'

const en = {
  checkCredentials:
    'Copy Client ID and Client Secret from the developer console, and look whether an IP allowlist leaves this host out.',
  ownOrganisation: '{call}: the app belongs to {corpId}.',
  otherOrganisation: '{call}: refused with {code}: the app is none of {corpId}.',
  copyCorpId: 'Copy the CorpId of the organisation in which the app was created into the channel’s settings.',
  gatewayOpen: '{call}: the gateway takes the app, as it does once a version was published.',
  neverPublished:
    '{call}: refused with {code}, although the credentials are right: no version of the app was ever published.',
  publish: 'Create a version of the app and publish it.',
  loginRight: 'The platform tells only when somebody logs in with a browser.',
  loginOnce:
    'Log in once in a browser outside of DingTalk. If that is refused, grant {permission} and publish a version.',
  templateFound: '{call}: a card can be made of the template. It was shown to nobody.',
  importTemplate:
    'Import the file of “cli dingtalk-template” in the card platform, publish it and copy its id to cardTemplateId.',
  variablesHidden:
    'The platform has no documented call that shows a template, so it is not known whether it is in step with this release.',
  compareVariables:
    'Compare its variables with the channel’s README, or import the file of “cli dingtalk-template” as a new template.',
  robotFound: '{call}: the robot is known.',
  copyRobotCode: 'Add the feature Robot to the app, publish a version, and copy the robot’s code to robotCode.',
  agentFound: '{call}: the agent is known.',
  copyAgentId:
    'Copy the Agent ID of the app to agentId. Until then nobody gets a work notification when cards and robot fail.',
  outsideRange: '{call}: {count} people are outside of what the app may see: {people}.',
  insideRange: '{call}: the app may see all {count} people that were asked for.',
  widenRange: 'Widen the visible range of the app and its range in the address book, and publish a version.',
  nobodyKnown: 'Nobody’s account is known yet whom the platform could be asked for.',
  sendOne: 'Submit a ticket to somebody who approves; then run the doctor again.',
  peopleGone: '{call}: {count} people are no longer members of the organisation: {people}.',
  bindAnew: 'Bind them anew, or disable them.',
  redirectHidden: 'The platform has no call that shows the redirect URLs of an app.',
  compareRedirect: 'See that {wanted} is under Security Settings.',
  importDownloaded:
    'Download the card template under Platform set-up, import it in the card platform, publish it and enter its id as cardTemplateId.',
  compareDownloaded:
    'Compare its variables with the channel’s README, or import the card template of Platform set-up as a new template.',
}

/** What is said of DingTalk alone. */
export const dingtalkPhrases = createPhrasebook({
  en,
  'zh-CN': {
    checkCredentials: '请从开发者后台复制 Client ID 和 Client Secret，并检查 IP 白名单是否遗漏了本主机。',
    ownOrganisation: '{call}：应用属于 {corpId}。',
    otherOrganisation: '{call}：被拒绝，代码 {code}：应用不属于 {corpId}。',
    copyCorpId: '请将创建该应用的组织的 CorpId 复制到渠道设置。',
    gatewayOpen: '{call}：网关接受该应用，说明已发布过版本。',
    neverPublished: '{call}：凭证正确，仍被拒绝（{code}）：应用从未发布过版本。',
    publish: '请创建应用版本并发布。',
    loginRight: '只有在有人用浏览器登录时，平台才会说明。',
    loginOnce: '请在钉钉以外的浏览器中登录一次；若被拒绝，请开通 {permission} 并发布版本。',
    templateFound: '{call}：可以用该模板创建卡片；该卡片没有展示给任何人。',
    importTemplate: '请在卡片平台导入“cli dingtalk-template”生成的文件并发布，再将其 ID 填入 cardTemplateId。',
    variablesHidden: '平台没有公开查看模板的接口，因此无法得知模板是否与本版本一致。',
    compareVariables: '请对照渠道说明文档核对变量，或将“cli dingtalk-template”生成的文件作为新模板导入。',
    robotFound: '{call}：机器人存在。',
    copyRobotCode: '请为应用添加机器人并发布版本，再将机器人编码填入 robotCode。',
    agentFound: '{call}：agent 存在。',
    copyAgentId: '请将应用的 Agent ID 填入 agentId。在此之前，当卡片和机器人都失败时，没有人会收到工作通知。',
    outsideRange: '{call}：有 {count} 人不在应用可见范围内：{people}。',
    insideRange: '{call}：查询的 {count} 人均在应用可见范围内。',
    widenRange: '请扩大应用的可见范围和通讯录权限范围，并发布版本。',
    nobodyKnown: '尚不知道任何人的账号，无法向平台查询。',
    sendOne: '请向某位审批人提交一张工单，然后重新运行诊断。',
    peopleGone: '{call}：有 {count} 人已不是组织成员：{people}。',
    bindAnew: '请重新绑定或停用他们。',
    redirectHidden: '平台没有查看应用重定向地址的接口。',
    compareRedirect: '请确认“安全设置”中有 {wanted}。',
    importDownloaded: '请在“平台配置”中下载卡片模板，在卡片平台导入并发布，再将其 ID 填入 cardTemplateId。',
    compareDownloaded: '请对照渠道 README 核对变量，或将“平台配置”中的卡片模板作为新模板导入。',
  },
  ja: {
    checkCredentials:
      '開発者コンソールの Client ID と Client Secret をコピーし、IP 許可リストにこのホストがあるか確認してください。',
    ownOrganisation: '{call}：アプリは {corpId} に属しています。',
    otherOrganisation: '{call}：コード {code} で拒否されました：アプリは {corpId} のものではありません。',
    copyCorpId: 'アプリを作成した組織の CorpId をチャネルの設定にコピーしてください。',
    gatewayOpen: '{call}：ゲートウェイがアプリを受け入れました。バージョンが公開済みであることを示します。',
    neverPublished:
      '{call}：資格情報は正しいのに {code} で拒否されました：アプリのバージョンが一度も公開されていません。',
    publish: 'アプリのバージョンを作成し、公開してください。',
    loginRight: '誰かがブラウザーでログインしたときにだけ、プラットフォームが示します。',
    loginOnce:
      'DingTalk の外のブラウザーで一度ログインしてください。拒否されたら {permission} を付与し、バージョンを公開してください。',
    templateFound: '{call}：テンプレートからカードを作成できます。誰にも表示していません。',
    importTemplate:
      'カードプラットフォームに「cli dingtalk-template」のファイルを取り込んで公開し、その ID を cardTemplateId に設定してください。',
    variablesHidden: 'テンプレートを見る公開された API がないため、このリリースと合っているかは分かりません。',
    compareVariables:
      '変数をチャネルの README と照合するか、「cli dingtalk-template」のファイルを新しいテンプレートとして取り込んでください。',
    robotFound: '{call}：ロボットは登録されています。',
    copyRobotCode: 'アプリにロボットを追加してバージョンを公開し、ロボットのコードを robotCode に設定してください。',
    agentFound: '{call}：エージェントは登録されています。',
    copyAgentId:
      'アプリの Agent ID を agentId に設定してください。それまでは、カードとロボットが失敗しても作業通知は届きません。',
    outsideRange: '{call}：{count} 人がアプリの可視範囲の外です：{people}。',
    insideRange: '{call}：尋ねた {count} 人は全員アプリから見えます。',
    widenRange: 'アプリの可視範囲と連絡先の範囲を広げ、バージョンを公開してください。',
    nobodyKnown: 'プラットフォームに尋ねられるアカウントがまだ誰についても分かっていません。',
    sendOne: '承認者宛てにチケットを提出してから、もう一度診断を実行してください。',
    peopleGone: '{call}：{count} 人はもう組織のメンバーではありません：{people}。',
    bindAnew: '改めて紐付けるか、無効にしてください。',
    redirectHidden: 'アプリのリダイレクト URL を見る API がありません。',
    compareRedirect: '「セキュリティ設定」に {wanted} があるか確認してください。',
    importDownloaded:
      '「プラットフォームの設定」でカードテンプレートをダウンロードし、カードプラットフォームに取り込んで公開し、その ID を cardTemplateId に入力してください。',
    compareDownloaded:
      '変数をチャネルの README と照らし合わせるか、「プラットフォームの設定」のカードテンプレートを新しいテンプレートとして取り込んでください。',
  },
  ms: {
    checkCredentials:
      'Salin Client ID dan Client Secret dari konsol pembangun, dan periksa sama ada senarai IP mengecualikan hos ini.',
    ownOrganisation: '{call}: aplikasi milik {corpId}.',
    otherOrganisation: '{call}: ditolak dengan {code}: aplikasi bukan milik {corpId}.',
    copyCorpId: 'Salin CorpId organisasi tempat aplikasi dicipta ke dalam tetapan saluran.',
    gatewayOpen: '{call}: get laluan menerima aplikasi, seperti selepas satu versi diterbitkan.',
    neverPublished: '{call}: ditolak dengan {code} walaupun kelayakan betul: tiada versi aplikasi pernah diterbitkan.',
    publish: 'Cipta versi aplikasi dan terbitkannya.',
    loginRight: 'Platform memberitahu hanya apabila seseorang log masuk dengan pelayar.',
    loginOnce:
      'Log masuk sekali dalam pelayar di luar DingTalk. Jika ditolak, berikan {permission} dan terbitkan satu versi.',
    templateFound: '{call}: kad boleh dibuat daripada templat. Ia tidak ditunjukkan kepada sesiapa.',
    importTemplate:
      'Import fail “cli dingtalk-template” dalam platform kad, terbitkan dan salin idnya ke cardTemplateId.',
    variablesHidden:
      'Platform tiada panggilan yang didokumenkan untuk melihat templat, jadi tidak diketahui sama ada ia selaras dengan keluaran ini.',
    compareVariables:
      'Bandingkan pemboleh ubahnya dengan README saluran, atau import fail “cli dingtalk-template” sebagai templat baharu.',
    robotFound: '{call}: robot dikenali.',
    copyRobotCode: 'Tambah ciri Robot pada aplikasi, terbitkan satu versi, dan salin kod robot ke robotCode.',
    agentFound: '{call}: ejen dikenali.',
    copyAgentId:
      'Salin Agent ID aplikasi ke agentId. Sehingga itu tiada sesiapa mendapat pemberitahuan kerja apabila kad dan robot gagal.',
    outsideRange: '{call}: {count} orang di luar apa yang boleh dilihat aplikasi: {people}.',
    insideRange: '{call}: aplikasi boleh melihat kesemua {count} orang yang ditanya.',
    widenRange: 'Luaskan julat keterlihatan aplikasi dan julatnya dalam buku alamat, dan terbitkan satu versi.',
    nobodyKnown: 'Belum ada akaun sesiapa diketahui untuk ditanya kepada platform.',
    sendOne: 'Serahkan tiket kepada seorang pelulus, kemudian jalankan semula doktor.',
    peopleGone: '{call}: {count} orang bukan lagi ahli organisasi: {people}.',
    bindAnew: 'Ikat mereka semula, atau nyahdayakan mereka.',
    redirectHidden: 'Platform tiada panggilan yang menunjukkan URL ubah hala aplikasi.',
    compareRedirect: 'Pastikan {wanted} ada di bawah Security Settings.',
    importDownloaded:
      'Muat turun templat kad di bawah Persediaan platform, import di platform kad, terbitkan dan masukkan idnya sebagai cardTemplateId.',
    compareDownloaded:
      'Bandingkan pemboleh ubahnya dengan README saluran, atau import templat kad daripada Persediaan platform sebagai templat baharu.',
  },
  id: {
    checkCredentials:
      'Salin Client ID dan Client Secret dari konsol pengembang, dan periksa apakah daftar IP mengecualikan host ini.',
    ownOrganisation: '{call}: aplikasi milik {corpId}.',
    otherOrganisation: '{call}: ditolak dengan {code}: aplikasi bukan milik {corpId}.',
    copyCorpId: 'Salin CorpId organisasi tempat aplikasi dibuat ke pengaturan kanal.',
    gatewayOpen: '{call}: gateway menerima aplikasi, seperti setelah sebuah versi diterbitkan.',
    neverPublished:
      '{call}: ditolak dengan {code} meskipun kredensial benar: belum pernah ada versi aplikasi yang diterbitkan.',
    publish: 'Buat versi aplikasi dan terbitkan.',
    loginRight: 'Platform memberitahukannya hanya saat seseorang masuk lewat peramban.',
    loginOnce: 'Masuk sekali di peramban di luar DingTalk. Jika ditolak, berikan {permission} dan terbitkan versi.',
    templateFound: '{call}: kartu dapat dibuat dari templat. Kartu itu tidak ditampilkan kepada siapa pun.',
    importTemplate:
      'Impor berkas “cli dingtalk-template” di platform kartu, terbitkan, dan salin id-nya ke cardTemplateId.',
    variablesHidden:
      'Platform tidak punya panggilan terdokumentasi untuk melihat templat, jadi tidak diketahui apakah templat sejalan dengan rilis ini.',
    compareVariables:
      'Bandingkan variabelnya dengan README kanal, atau impor berkas “cli dingtalk-template” sebagai templat baru.',
    robotFound: '{call}: robot dikenal.',
    copyRobotCode: 'Tambahkan fitur Robot ke aplikasi, terbitkan versi, dan salin kode robot ke robotCode.',
    agentFound: '{call}: agen dikenal.',
    copyAgentId:
      'Salin Agent ID aplikasi ke agentId. Sebelum itu tidak ada yang mendapat pemberitahuan kerja bila kartu dan robot gagal.',
    outsideRange: '{call}: {count} orang di luar yang boleh dilihat aplikasi: {people}.',
    insideRange: '{call}: aplikasi boleh melihat semua {count} orang yang ditanyakan.',
    widenRange: 'Perluas rentang terlihat aplikasi dan rentangnya di buku alamat, lalu terbitkan versi.',
    nobodyKnown: 'Belum ada akun siapa pun yang diketahui untuk ditanyakan ke platform.',
    sendOne: 'Ajukan tiket kepada seorang penyetuju, lalu jalankan dokter lagi.',
    peopleGone: '{call}: {count} orang bukan lagi anggota organisasi: {people}.',
    bindAnew: 'Hubungkan ulang mereka, atau nonaktifkan mereka.',
    redirectHidden: 'Platform tidak punya panggilan yang menunjukkan URL pengalihan aplikasi.',
    compareRedirect: 'Pastikan {wanted} ada di Security Settings.',
    importDownloaded:
      'Unduh templat kartu di Penyiapan platform, impor di platform kartu, publikasikan, lalu masukkan idnya sebagai cardTemplateId.',
    compareDownloaded:
      'Bandingkan variabelnya dengan README kanal, atau impor templat kartu dari Penyiapan platform sebagai templat baru.',
  },
  ar: {
    checkCredentials:
      'انسخ Client ID وClient Secret من لوحة المطورين، وتحقق من أن قائمة عناوين IP لا تستبعد هذا المضيف.',
    ownOrganisation: '{call}: التطبيق تابع لـ {corpId}.',
    otherOrganisation: '{call}: رُفض بالرمز {code}: التطبيق ليس تابعًا لـ {corpId}.',
    copyCorpId: 'انسخ CorpId للمؤسسة التي أُنشئ فيها التطبيق إلى إعدادات القناة.',
    gatewayOpen: '{call}: تقبل البوابة التطبيق، وهي تفعل ذلك بعد نشر إصدار.',
    neverPublished: '{call}: رُفض بالرمز {code} رغم صحة بيانات الاعتماد: لم يُنشر أي إصدار من التطبيق قط.',
    publish: 'أنشئ إصدارًا من التطبيق وانشره.',
    loginRight: 'لا تخبر المنصة بذلك إلا عندما يسجّل أحد الدخول بمتصفح.',
    loginOnce: 'سجّل الدخول مرة في متصفح خارج DingTalk. إن رُفض ذلك فامنح {permission} وانشر إصدارًا.',
    templateFound: '{call}: يمكن إنشاء بطاقة من القالب. لم تُعرض على أحد.',
    importTemplate: 'استورد ملف “cli dingtalk-template” في منصة البطاقات وانشره وانسخ معرّفه إلى cardTemplateId.',
    variablesHidden: 'لا تملك المنصة استدعاءً موثقًا يعرض قالبًا، فلا يُعرف إن كان مطابقًا لهذا الإصدار.',
    compareVariables: 'قارن متغيراته بملف README للقناة، أو استورد ملف “cli dingtalk-template” قالبًا جديدًا.',
    robotFound: '{call}: الروبوت معروف.',
    copyRobotCode: 'أضف ميزة الروبوت إلى التطبيق وانشر إصدارًا وانسخ رمز الروبوت إلى robotCode.',
    agentFound: '{call}: الوكيل معروف.',
    copyAgentId: 'انسخ Agent ID للتطبيق إلى agentId. حتى ذلك الحين لا يصل أحدًا إشعار عمل عند إخفاق البطاقات والروبوت.',
    outsideRange: '{call}: {count} من الأشخاص خارج ما يجوز للتطبيق رؤيته: {people}.',
    insideRange: '{call}: يجوز للتطبيق رؤية جميع من سُئل عنهم وعددهم {count}.',
    widenRange: 'وسّع نطاق ظهور التطبيق ونطاقه في دليل العناوين وانشر إصدارًا.',
    nobodyKnown: 'لا يُعرف بعد حساب أحد يمكن سؤال المنصة عنه.',
    sendOne: 'قدّم تذكرة إلى أحد الموافقين ثم شغّل الفحص مرة أخرى.',
    peopleGone: '{call}: {count} من الأشخاص لم يعودوا أعضاء في المؤسسة: {people}.',
    bindAnew: 'اربطهم من جديد أو عطّلهم.',
    redirectHidden: 'لا تملك المنصة استدعاءً يعرض عناوين إعادة التوجيه للتطبيق.',
    compareRedirect: 'تأكد من وجود {wanted} في Security Settings.',
    importDownloaded:
      'نزّل قالب البطاقة من إعداد المنصة، واستورده في منصة البطاقات وانشره، وأدخل معرّفه في cardTemplateId.',
    compareDownloaded: 'قارن متغيراته بملف README للقناة، أو استورد قالب البطاقة من إعداد المنصة قالبًا جديدًا.',
  },
})
