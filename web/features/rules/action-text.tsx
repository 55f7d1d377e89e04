import { TelegramText } from '../../ui/telegram-text.tsx'
import type { Action } from './rule-draft.ts'
import { useRuleWords } from './use-rule-words.ts'

/** What a rule does, in a line; an answer as it is read. */
export const ActionText = ({ action }: { action: Action }) => {
  const words = useRuleWords()
  const text = words.action(action)
  return <bdi>{action.kind === 'reply' ? <TelegramText html={text} /> : text}</bdi>
}
