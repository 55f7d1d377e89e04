import { startTransition, useEffect, useState } from 'react'

import { idle } from '../../lib/idle.ts'

/** What a phone shows without scrolling. */
const AT_ONCE = 2

/** How many of `count` are to be drawn by now: the first at once, the others one by one whenever there is nothing else to do. */
export const useTurns = (count: number): number => {
  const [drawn, setDrawn] = useState(AT_ONCE)
  useEffect(() => {
    if (drawn >= count) return
    let isHere = true
    void idle().then(() => {
      if (isHere) startTransition(() => setDrawn(drawn + 1))
    })
    return () => {
      isHere = false
    }
  }, [drawn, count])
  return drawn
}
