export {
  type AccountSettings,
  GROUP_INTENSITIES,
  type GroupIntensity,
  type SettingLimits,
  intensityOf,
} from './account-setting.rules.ts'
export { listStoredSettings } from './account-setting.store.ts'
export { type VoiceActor, setGroupIntensity, setInviteRatio, setReplyMode } from './change-settings.ts'
export { createPersonaFromPackage } from './create-persona.ts'
export { type Voice, findVoice } from './find-voice.ts'
export {
  type AccountSettingsView,
  type ReplyModeView,
  describeReplyModes,
  getAccountSettings,
} from './get-account-settings.ts'
export { type PersonaImport, exportPersona, importPersona } from './import-persona.ts'
export { type GroupPlacement, showsInvite } from './invite-share.rules.ts'
export type { PersonaFile } from './persona-file.rules.ts'
export type { Persona, PersonaContent } from './persona.rules.ts'
export { findPersona, listPersonaVersions } from './persona.store.ts'
export { setProductPrice } from './set-product-price.ts'
export { getPersona, updatePersona } from './update-persona.ts'
