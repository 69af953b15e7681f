import { Html } from './html.ts'

/** The H5 app's colours and measures, for pages that stand alone. */
export const pageStyle = new Html(`
:root{color-scheme:light dark;--bg:#f1f3f8;--surface:#fff;--text:#131722;--text-2:#4d5566;--text-3:#626a7c;--line:#e3e7ef;
--accent:#2a4fd6;--on-accent:#fff;--accent-soft:#e8edfd;--ok:#0b6e46;--ok-soft:#def3e8;--warn:#7d4a00;--warn-soft:#fdeed3;
--bad:#b3202c;--bad-soft:#fde8e9;--bad-solid:#c42a36;--on-bad:#fff;--muted-soft:#e9ecf2;--code:#f3f5fa;
--shadow:0 1px 2px rgba(19,23,34,.05),0 4px 14px rgba(19,23,34,.04);
--mono:ui-monospace,"SF Mono",SFMono-Regular,Menlo,Consolas,"Roboto Mono","DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--bg:#0b0d12;--surface:#161a22;--text:#eef1f7;--text-2:#b3bac9;--text-3:#949cae;
--line:#282e3a;--accent:#8fa8ff;--on-accent:#0a1233;--accent-soft:#1d2748;--ok:#62d6a3;--ok-soft:#10301f;--warn:#f2bd63;
--warn-soft:#35280e;--bad:#ff9095;--bad-soft:#3b191d;--bad-solid:#ff7d84;--on-bad:#2b0508;--muted-soft:#252b37;--code:#10141b;
--shadow:0 0 0 1px #20252f}}
*{box-sizing:border-box;margin:0}
body{background:var(--bg);color:var(--text);font:16px/24px -apple-system,"SF Pro Text","Segoe UI",Roboto,"PingFang SC",
"Hiragino Sans","Noto Sans SC","Noto Sans CJK SC","Microsoft YaHei","Noto Sans Arabic",sans-serif;-webkit-text-size-adjust:100%}
main{max-width:640px;margin:0 auto;padding:16px 16px calc(24px + env(safe-area-inset-bottom))}
.brand{padding:4px 4px 12px;color:var(--text-3);font-size:14px;font-weight:600}
.card{margin-bottom:12px;padding:16px;border-radius:16px;background:var(--surface);box-shadow:var(--shadow);overflow-wrap:anywhere}
h1{margin-top:12px;font-size:22px;line-height:29px;font-weight:700;letter-spacing:-.01em}
h2{margin-bottom:8px;font-size:16px;line-height:24px;font-weight:650}
h3{font-size:14px;line-height:20px;font-weight:600}
[lang=zh-CN] h1,[lang=ja] h1,[lang=ar] h1{letter-spacing:0}
.chips{display:flex;flex-wrap:wrap;gap:8px}
.chip{padding:2px 10px;border-radius:999px;background:var(--muted-soft);color:var(--text-2);font-size:13px;line-height:20px;font-weight:600}
.chip.pending{background:var(--accent-soft);color:var(--accent)}
.chip.low,.chip.approved{background:var(--ok-soft);color:var(--ok)}
.chip.medium{background:var(--warn-soft);color:var(--warn)}
.chip.high,.chip.rejected{background:var(--bad-soft);color:var(--bad)}
.who,.note{color:var(--text-2);font-size:14px;line-height:20px}
.who{margin-top:6px}
.note{margin-top:10px}
dl{display:grid;grid-template-columns:minmax(88px,34%) 1fr}
dt,dd{padding:8px 0;border-top:1px solid var(--line);min-width:0}
dt{padding-inline-end:12px;color:var(--text-3);font-size:14px}
dd{white-space:pre-wrap}
dl>dt:first-of-type,dl>dt:first-of-type+dd{border-top:0}
.text{white-space:pre-wrap}
.code{margin-top:8px;border-radius:12px;background:var(--code);overflow:hidden}
.code h3{padding:10px 12px 0}
pre{max-height:60vh;padding:10px 12px;overflow:auto;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/20px var(--mono);direction:ltr;text-align:start;unicode-bidi:plaintext}
ol{padding:0;list-style:none}
li{padding-block:6px}
.step{display:flex;gap:10px}
.mark{width:18px;flex:none;text-align:center;font-weight:700;color:var(--text-3)}
.mark.approved{color:var(--ok)}.mark.pending{color:var(--accent)}.mark.rejected{color:var(--bad)}
.people{color:var(--text-2);font-size:14px;line-height:20px;white-space:pre-line}
.consequence{padding:12px 14px;border-radius:12px;background:var(--warn-soft);color:var(--warn);font-size:14px;line-height:20px}
label{display:block;font-weight:600}
.hint{color:var(--text-2);font-size:14px;line-height:20px}
main>.hint{padding:0 4px 12px}
textarea{display:block;width:100%;min-height:96px;margin-top:8px;padding:10px 12px;border:1px solid var(--text-3);border-radius:12px;
background:var(--surface);color:var(--text);font:inherit;resize:vertical}
.check{display:flex;gap:10px;align-items:flex-start;font-weight:500}
.check input{width:22px;height:22px;margin:1px 0 0;flex:none;accent-color:var(--accent)}
.wrong{margin-top:8px;padding:10px 12px;border-radius:12px;background:var(--bad-soft);color:var(--bad);font-size:14px;line-height:20px}
.button{display:block;width:100%;min-height:48px;margin-top:12px;padding:12px 16px;border:0;border-radius:14px;background:var(--accent);
color:var(--on-accent);font:inherit;font-weight:650;text-align:center;text-decoration:none;cursor:pointer}
.button.reject{background:var(--bad-solid);color:var(--on-bad)}
.button.quiet{background:var(--muted-soft);color:var(--text)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
.result{display:flex;gap:12px;align-items:flex-start}
.result h1{margin-top:0}
.sign{flex:none;width:40px;height:40px;border-radius:999px;background:var(--muted-soft);color:var(--text-2);font-size:20px;line-height:40px;font-weight:700;text-align:center}
.sign.approve{background:var(--ok-soft);color:var(--ok)}
.sign.reject{background:var(--bad-soft);color:var(--bad)}
`)
