export {
  type PanelPerson,
  type SeenPerson,
  findPanelPerson,
  forgetOldQuestions,
  recordPanelPerson,
  setAwaiting,
  setPanelBlocked,
  setPanelLocale,
  setPanelMuted,
} from './panel-person.store.ts'
