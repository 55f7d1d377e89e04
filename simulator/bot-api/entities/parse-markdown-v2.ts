import { type ParsedText, type RawEntity, sortEntities } from '#simulator/bot-api/entities/parsed.ts'
import { byteOffset, checkLink, isSpace, parseError, userIdOfLink } from '#simulator/bot-api/entities/scan.ts'

/** Names as the errors print them. */
type OpenType =
  | 'Bold'
  | 'Italic'
  | 'Underline'
  | 'Strikethrough'
  | 'Spoiler'
  | 'Code'
  | 'Pre'
  | 'PreCode'
  | 'TextUrl'
  | 'CustomEmoji'
  | 'BlockQuote'

type Open = { readonly type: OpenType; readonly argument: string; readonly offset: number; readonly at: number }

type State = {
  readonly source: string
  readonly open: Open[]
  readonly entities: RawEntity[]
  text: string
  index: number
  hasBlockquote: boolean
  canStartBlockquote: boolean
}

const TYPES: Readonly<Record<OpenType, RawEntity['type']>> = {
  Bold: 'bold',
  Italic: 'italic',
  Underline: 'underline',
  Strikethrough: 'strikethrough',
  Spoiler: 'spoiler',
  Code: 'code',
  Pre: 'pre',
  PreCode: 'pre',
  TextUrl: 'text_link',
  CustomEmoji: 'custom_emoji',
  BlockQuote: 'blockquote',
}

const RESERVED = '_*[]()~`>#+-=|{}.!\n'

/** Parses MarkdownV2 (td MessageEntity.cpp parse_markdown_v2). Throws 400 `can't parse entities: …`. */
export function parseMarkdownV2(source: string): ParsedText {
  const state: State = {
    source,
    open: [],
    entities: [],
    text: '',
    index: 0,
    hasBlockquote: false,
    canStartBlockquote: true,
  }
  while (state.index < source.length) {
    step(state)
    state.index += 1
  }
  if (state.hasBlockquote) endLastBlockquote(state)
  const last = state.open.at(-1)
  if (last) throw unended(state, last)
  return { text: state.text, entities: sortEntities(state.entities) }
}

function step(state: State): void {
  const { source, index, open } = state
  const character = source.charAt(index)
  const next = source.charCodeAt(index + 1)
  if (character === '\\' && next > 0 && next <= 126) {
    state.index += 1
    const escaped = source.charAt(state.index)
    state.text += escaped
    if (escaped !== '\r') state.canStartBlockquote = escaped === '\n'
    return
  }
  const type = open.at(-1)?.type
  const isInCode = type === 'Code' || type === 'Pre' || type === 'PreCode'
  if (!(isInCode ? '`' : RESERVED).includes(character)) {
    if (character !== '\r') state.canStartBlockquote = false
    state.text += character
    return
  }
  if (endsEntity(state, character)) endEntity(state, character)
  else beginEntity(state, character)
}

function endsEntity(state: State, character: string): boolean {
  const { source, index } = state
  const last = state.open.at(-1)
  if (!last) return false
  const next = source.charAt(index + 1)
  if (state.hasBlockquote && character === '\n' && next !== '>') return true
  switch (last.type) {
    case 'Bold':
      return character === '*'
    case 'Italic':
      return character === '_' && next !== '_'
    case 'Code':
      return character === '`'
    case 'Pre':
    case 'PreCode':
      return source.startsWith('```', index)
    case 'TextUrl':
    case 'CustomEmoji':
      return character === ']'
    case 'Underline':
      return character === '_' && next === '_'
    case 'Strikethrough':
      return character === '~'
    case 'Spoiler':
      return character === '|' && next === '|'
    case 'BlockQuote':
      return false
  }
}

function beginEntity(state: State, character: string): void {
  const { source } = state
  const at = state.index
  const next = source.charAt(at + 1)
  const push = (type: OpenType, argument = ''): void => {
    state.open.push({ type, argument, offset: state.text.length, at })
  }
  if (character === '\n') {
    state.text += '\n'
    state.canStartBlockquote = true
  } else if (character === '_') {
    if (next === '_') state.index += 1
    push(next === '_' ? 'Underline' : 'Italic')
  } else if (character === '*') push('Bold')
  else if (character === '~') push('Strikethrough')
  else if (character === '[') push('TextUrl')
  else if (character === '|' && next === '|') {
    state.index += 1
    push('Spoiler')
  } else if (character === '!' && next === '[') {
    state.index += 1
    push('CustomEmoji')
  } else if (character === '`') {
    if (source.startsWith('```', at)) beginPre(state, push)
    else push('Code')
  } else if (character === '>' && state.canStartBlockquote) {
    if (!state.hasBlockquote) push('BlockQuote')
    state.hasBlockquote = true
  } else throw parseError(`Character '${character}' is reserved and must be escaped with the preceding '\\'`)
}

function beginPre(state: State, push: (type: OpenType, argument?: string) => void): void {
  const { source } = state
  let index = state.index + 3
  let end = index
  while (!isSpace(source.charAt(end)) && source.charAt(end) !== '`') end += 1
  const hasLanguage = end !== index && end < source.length && source.charAt(end) !== '`'
  push(hasLanguage ? 'PreCode' : 'Pre', hasLanguage ? source.slice(index, end) : '')
  if (hasLanguage) index = end
  const pair = source.slice(index, index + 2)
  if (pair === '\r\n' || pair === '\n\r') index += 2
  else if (pair.startsWith('\n') || pair.startsWith('\r')) index += 1
  state.index = index - 1
}

function endEntity(state: State, character: string): void {
  let last = state.open.at(-1)
  if (!last) return
  let isExpandable = false
  if (character === '\n' && last.type !== 'BlockQuote') {
    const gap = state.index - last.at
    if (last.type !== 'Spoiler' || !(gap === 2 || (gap === 3 && state.text.endsWith('\r')))) throw unended(state, last)
    state.open.pop()
    last = state.open.at(-1)
    if (last?.type !== 'BlockQuote') throw unended(state, last)
    isExpandable = true
  }
  const { type, offset } = last
  let entity: Partial<RawEntity> | null = { type: isExpandable ? 'expandable_blockquote' : TYPES[type] }
  if (type === 'Underline' || type === 'Spoiler') state.index += 1
  else if (type === 'Pre' || type === 'PreCode') {
    state.index += 2
    if (last.argument !== '') entity.argument = last.argument
  } else if (type === 'TextUrl') entity = readLink(state, last)
  else if (type === 'CustomEmoji') entity = readEmoji(state)
  else if (type === 'BlockQuote') {
    state.hasBlockquote = false
    state.text += character
    state.canStartBlockquote = true
  }
  const length = state.text.length - offset
  if (entity && length > 0) state.entities.push({ type: TYPES[type], ...entity, offset, length })
  state.open.pop()
}

function readLink(state: State, last: Open): Partial<RawEntity> | null {
  const label = state.text.slice(last.offset)
  const target = state.source.charAt(state.index + 1) === '(' ? readUrl(state) : label
  const userId = userIdOfLink(target)
  if (userId !== null) return { type: 'text_mention', userId }
  const url = checkLink(target)
  return url === null ? null : { argument: url }
}

function readEmoji(state: State): Partial<RawEntity> {
  if (state.source.charAt(state.index + 1) !== '(') {
    throw parseError('The entity must contain a tg://emoji or tg://time URL')
  }
  const url = readUrl(state)
  const emojiId = /^tg:\/\/emoji\?id=([1-9]\d*)$/i.exec(url)?.[1]
  if (emojiId !== undefined) return { argument: emojiId }
  const time = /^tg:\/\/time\?unix=([1-9]\d*)(?:&format=(\w*))?$/i.exec(url)
  if (!time?.[1]) throw parseError('Invalid tg://emoji or tg://time URL specified')
  return { type: 'date_time', unixTime: Number(time[1]), argument: time[2] ?? '' }
}

/** Reads `](url)` and leaves the index on the closing parenthesis. */
function readUrl(state: State): string {
  const { source } = state
  const begin = state.index + 2
  let url = ''
  let index = begin
  while (index < source.length && source.charAt(index) !== ')') {
    const next = source.charCodeAt(index + 1)
    if (source.charAt(index) === '\\' && next > 0 && next <= 126) index += 1
    url += source.charAt(index)
    index += 1
  }
  if (index >= source.length) throw parseError(`Can't find end of a URL at byte offset ${byteOffset(source, begin)}`)
  state.index = index
  return url
}

/** A quote may end with the text; `||` as its last characters makes it expandable. */
function endLastBlockquote(state: State): void {
  let last = state.open.at(-1)
  let type: RawEntity['type'] = 'blockquote'
  if (last?.type === 'Spoiler' && last.at === state.source.length - 2) {
    state.open.pop()
    last = state.open.at(-1)
    type = 'expandable_blockquote'
  }
  if (last?.type !== 'BlockQuote') return
  const length = state.text.length - last.offset
  if (length > 0) state.entities.push({ type, offset: last.offset, length })
  state.open.pop()
}

function unended(state: State, open: Open | undefined): Error {
  const at = byteOffset(state.source, open?.at ?? 0)
  return parseError(`Can't find end of ${open?.type ?? 'the'} entity at byte offset ${at}`)
}
