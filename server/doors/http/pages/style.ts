/** The look of every page: system fonts, both schemes of light, both directions of writing, no resource from outside. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --ink: #17212b; --soft: #52606d; --ground: #eef2f6; --card: #fff; --line: #c3ccd5;
  --accent: #0a66a8; --accent-ink: #fff; --bad: #a31515; --bad-ground: #fdecec; --good: #12643a; --good-ground: #e6f5ec; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef2f6; --soft: #b3bfca; --ground: #10171e; --card: #1b252f;
  --line: #3d4b59; --accent: #74bdf5; --accent-ink: #06202f; --bad: #ffb3b3; --bad-ground: #3c1d1f; --good: #a3e0be;
  --good-ground: #17352a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", sans-serif; }
header, main, footer { max-width: 34rem; margin-inline: auto; padding-inline: 1rem; }
header { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; justify-content: space-between;
  padding-block: 1rem .5rem; }
header strong { display: flex; gap: .6rem; align-items: center; font-size: 1.05rem; }
.logo { display: block; width: auto; max-width: 8rem; height: 2rem; object-fit: contain; }
nav ul { display: flex; gap: .25rem; margin: 0; padding: 0; list-style: none; }
nav a { display: inline-block; min-width: 2.75rem; padding: .5rem; text-align: center; color: var(--soft); }
nav a[aria-current] { color: var(--ink); font-weight: 600; text-decoration: none; }
section { margin-block: 1rem; padding: 1.25rem; border: 1px solid var(--line); border-radius: .75rem;
  background: var(--card); }
h1 { margin: 0 0 .75rem; font-size: 1.45rem; line-height: 1.3; }
h2 { margin: 0 0 .5rem; font-size: 1.1rem; }
h2::first-letter { text-transform: uppercase; }
summary { padding: .75rem 0; font-weight: 600; cursor: pointer; }
p, ol, ul, dl { margin: 0 0 1rem; }
ol, section > ul { padding-inline-start: 1.4rem; }
li + li { margin-block-start: .35rem; }
nav li + li { margin: 0; }
section > :last-child, form > :last-child { margin-block-end: 0; }
.soft { color: var(--soft); }
.note { padding: .75rem 1rem; border-radius: .5rem; background: var(--good-ground); color: var(--good); }
.fault { padding: .75rem 1rem; border-radius: .5rem; background: var(--bad-ground); color: var(--bad); }
form { margin: 0 0 1rem; }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; }
.actions form { margin: 0; }
label { display: block; margin-block-end: .35rem; font-weight: 600; }
.hint { margin: 0 0 .5rem; color: var(--soft); font-size: .95rem; }
input[type=tel], input[type=text], input[type=password] { width: 100%; min-height: 3rem; margin-block-end: 1rem;
  padding: .5rem .75rem; border: 1px solid var(--soft); border-radius: .5rem; background: var(--ground);
  color: var(--ink); font: inherit; font-size: 1.15rem; }
input.code { letter-spacing: .35em; font-variant-numeric: tabular-nums; }
input[aria-invalid] { border: 2px solid var(--bad); }
.check { display: flex; gap: .75rem; align-items: flex-start; margin-block-end: 1rem; font-weight: 400; }
.check input { flex: none; width: 1.5rem; height: 1.5rem; margin: 0; accent-color: var(--accent); }
button { min-height: 3rem; padding: .6rem 1.25rem; border: 1px solid var(--accent); border-radius: .5rem;
  background: var(--accent); color: var(--accent-ink); font: inherit; font-weight: 600; cursor: pointer; }
a.button { display: inline-block; padding: .75rem 1.25rem; border-radius: .5rem; background: var(--accent);
  color: var(--accent-ink); font-weight: 600; text-decoration: none; }
fieldset { margin: 0 0 1rem; padding: .75rem 1rem 0; border: 1px solid var(--line); border-radius: .5rem; }
legend { padding-inline: .35rem; font-weight: 600; }
button.plain { background: transparent; color: var(--accent); }
button.grave { border-color: var(--bad); background: transparent; color: var(--bad); }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.qr { display: block; width: min(100%, 17rem); height: auto; margin: 0 auto 1rem; border-radius: .5rem; background: #fff; }
dt { color: var(--soft); font-size: .95rem; }
dd { margin: 0 0 .6rem; overflow-wrap: anywhere; }
bdi, .number { unicode-bidi: isolate; direction: ltr; }
footer { padding-block: 0 2rem; color: var(--soft); font-size: .9rem; }
`
