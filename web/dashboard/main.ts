import { initialLocale, loadCatalogue } from '../lib/catalogues.ts'
import { keepShell } from '../lib/keep-shell.ts'
import { askFirst } from './ask-first.ts'
import { firstScreen } from './first-screen.ts'

// All that the first look needs is on its way together, before the libraries that draw it are there: none of it waits for
// another, and this file is small enough to be read at once.
keepShell()
const screen = firstScreen()
const asked = askFirst(screen)
void loadCatalogue(initialLocale(), 'web')
void loadCatalogue(initialLocale(), 'words')
void screen?.load()
void import('./draw.tsx').then(({ draw }) => draw(asked))
