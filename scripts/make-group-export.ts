/** Writes the made-up Telegram Desktop export of a group that docs/import.md tells of: `make-group-export.ts <file>`. */
import { writeFileSync } from 'node:fs'

import { systemClock } from '#server/base/clock.ts'
import { makeGroupExport } from '#server/testing/group-export.ts'

const path = process.argv[2] ?? 'result.json'
const { text, members, messages } = makeGroupExport(systemClock.now())
writeFileSync(path, text)
console.log(`${path}: ${messages} messages of ${members.length} people`)
