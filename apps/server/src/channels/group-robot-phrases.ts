import { createPhrasebook } from '#server/i18n/phrasebook.ts'

const en = {
  noRobots: 'Nobody has given the address of a robot.',
  robotsGone: '{gone} of {count} robots are no longer there, or stopped: {robots}',
  addAnew: 'Add a robot to the group anew and give its address, or start the stopped one in the settings of the group.',
  robotsTook: '{took} of {count} robots took a message lately; no call tells of the others.',
  robotsAllTook: 'All {count} robots took a message lately.',
  sendTest: 'Send a test message to each.',
  securityFacts: 'Every message begins with 【{keyword}】; {signed} of {count} robots are called with a signature.',
  securityRefused:
    '{robots}: refused by the security settings with 310000: {reasons}. Every message begins with 【{keyword}】; {signed} of {count} robots are called with a signature.',
  fixKeyword: 'Set the keyword of the robot to {keyword} or a part of it, or change the keyword of the channel.',
  fixSignature:
    'Enter the secret that the robot’s security settings show (SEC…) with its address, and set this host’s clock by a time server.',
  fixAddressList: 'Add the address of this host to the robot’s list of IP addresses.',
}

/** What is said of group robots, whosever they are. */
export const groupRobotPhrases = createPhrasebook({
  en,
  'zh-CN': {
    noRobots: '没有人填写过机器人地址。',
    robotsGone: '{count} 个机器人中有 {gone} 个已不存在或已停用：{robots}',
    addAnew: '请在群中重新添加机器人并填写其地址，或在群设置中启用已停用的机器人。',
    robotsTook: '{count} 个机器人中有 {took} 个最近接收了消息；其余无法查询。',
    robotsAllTook: '全部 {count} 个机器人最近都接收了消息。',
    sendTest: '请向每个机器人发送一条测试消息。',
    securityFacts: '每条消息以【{keyword}】开头；{count} 个机器人中有 {signed} 个带签名调用。',
    securityRefused:
      '{robots}：因安全设置被拒绝（310000）：{reasons}。每条消息以【{keyword}】开头；{count} 个机器人中有 {signed} 个带签名调用。',
    fixKeyword: '请将机器人关键词设为 {keyword} 或其一部分，或更改渠道的关键词。',
    fixSignature: '请随地址填写机器人安全设置中显示的密钥（SEC…），并校准本主机时钟。',
    fixAddressList: '请将本主机地址加入机器人的 IP 地址列表。',
  },
  ja: {
    noRobots: 'ロボットのアドレスを入力した人がいません。',
    robotsGone: 'ロボット {count} 台のうち {gone} 台が存在しないか停止しています：{robots}',
    addAnew:
      'グループにロボットを追加し直してそのアドレスを入力するか、グループの設定で停止中のものを有効にしてください。',
    robotsTook: 'ロボット {count} 台のうち {took} 台が最近メッセージを受け付けました。ほかは照会できません。',
    robotsAllTook: 'ロボット {count} 台すべてが最近メッセージを受け付けました。',
    sendTest: 'それぞれにテストメッセージを送ってください。',
    securityFacts:
      'どのメッセージも【{keyword}】で始まります。ロボット {count} 台のうち {signed} 台は署名付きで呼び出します。',
    securityRefused:
      '{robots}：セキュリティ設定により 310000 で拒否：{reasons}。どのメッセージも【{keyword}】で始まり、ロボット {count} 台のうち {signed} 台は署名付きです。',
    fixKeyword: 'ロボットのキーワードを {keyword} かその一部にするか、チャネルのキーワードを変えてください。',
    fixSignature:
      'ロボットのセキュリティ設定に表示される秘密（SEC…）をアドレスと共に入力し、このホストの時計を合わせてください。',
    fixAddressList: 'このホストのアドレスをロボットの IP アドレス一覧に加えてください。',
  },
  ms: {
    noRobots: 'Tiada sesiapa memberikan alamat robot.',
    robotsGone: '{gone} daripada {count} robot tiada lagi atau dihentikan: {robots}',
    addAnew:
      'Tambah robot semula pada kumpulan dan berikan alamatnya, atau hidupkan yang dihentikan dalam tetapan kumpulan.',
    robotsTook:
      '{took} daripada {count} robot menerima mesej baru-baru ini; tiada panggilan memberitahu tentang yang lain.',
    robotsAllTook: 'Kesemua {count} robot menerima mesej baru-baru ini.',
    sendTest: 'Hantar mesej ujian kepada setiap satu.',
    securityFacts:
      'Setiap mesej bermula dengan 【{keyword}】; {signed} daripada {count} robot dipanggil dengan tandatangan.',
    securityRefused:
      '{robots}: ditolak oleh tetapan keselamatan dengan 310000: {reasons}. Setiap mesej bermula dengan 【{keyword}】; {signed} daripada {count} robot dipanggil dengan tandatangan.',
    fixKeyword: 'Tetapkan kata kunci robot kepada {keyword} atau sebahagiannya, atau tukar kata kunci saluran.',
    fixSignature:
      'Masukkan rahsia daripada tetapan keselamatan robot (SEC…) bersama alamatnya, dan tetapkan jam hos ini dengan pelayan masa.',
    fixAddressList: 'Tambah alamat hos ini pada senarai alamat IP robot.',
  },
  id: {
    noRobots: 'Belum ada yang memberikan alamat robot.',
    robotsGone: '{gone} dari {count} robot sudah tidak ada atau dihentikan: {robots}',
    addAnew: 'Tambahkan lagi robot ke grup dan berikan alamatnya, atau nyalakan yang dihentikan di pengaturan grup.',
    robotsTook: '{took} dari {count} robot menerima pesan belakangan ini; tidak ada panggilan tentang yang lain.',
    robotsAllTook: 'Semua {count} robot menerima pesan belakangan ini.',
    sendTest: 'Kirim pesan uji ke masing-masing.',
    securityFacts: 'Setiap pesan diawali 【{keyword}】; {signed} dari {count} robot dipanggil dengan tanda tangan.',
    securityRefused:
      '{robots}: ditolak pengaturan keamanan dengan 310000: {reasons}. Setiap pesan diawali 【{keyword}】; {signed} dari {count} robot dipanggil dengan tanda tangan.',
    fixKeyword: 'Setel kata kunci robot ke {keyword} atau bagiannya, atau ubah kata kunci kanal.',
    fixSignature:
      'Masukkan rahasia dari pengaturan keamanan robot (SEC…) bersama alamatnya, dan setel jam host ini dengan server waktu.',
    fixAddressList: 'Tambahkan alamat host ini ke daftar alamat IP robot.',
  },
  ar: {
    noRobots: 'لم يُدخل أحد عنوان روبوت.',
    robotsGone: '{gone} من {count} روبوتات لم تعد موجودة أو أُوقفت: {robots}',
    addAnew: 'أضف روبوتًا إلى المجموعة من جديد وأدخل عنوانه، أو شغّل المتوقف من إعدادات المجموعة.',
    robotsTook: '{took} من {count} روبوتات قبلت رسالة مؤخرًا؛ ولا استدعاء يخبر عن غيرها.',
    robotsAllTook: 'قبلت الروبوتات كلها وعددها {count} رسالة مؤخرًا.',
    sendTest: 'أرسل رسالة تجريبية إلى كل واحد.',
    securityFacts: 'تبدأ كل رسالة بـ 【{keyword}】؛ ويُستدعى {signed} من {count} روبوتات بتوقيع.',
    securityRefused:
      '{robots}: رفضتها إعدادات الأمان بالرمز 310000: {reasons}. تبدأ كل رسالة بـ 【{keyword}】؛ ويُستدعى {signed} من {count} روبوتات بتوقيع.',
    fixKeyword: 'اجعل الكلمة المفتاحية للروبوت {keyword} أو جزءًا منها، أو غيّر كلمة القناة.',
    fixSignature: 'أدخل السر الظاهر في إعدادات أمان الروبوت (SEC…) مع عنوانه، واضبط ساعة هذا المضيف بخادم وقت.',
    fixAddressList: 'أضف عنوان هذا المضيف إلى قائمة عناوين IP للروبوت.',
  },
})
