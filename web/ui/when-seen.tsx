import { type ReactNode, useEffect, useRef, useState } from 'react'

/** Keeps a place of this height, and draws what belongs there from the moment somebody sees the place. */
export const WhenSeen = ({ height, children }: { height: number; children: ReactNode }) => {
  const place = useRef<HTMLDivElement>(null)
  const [isSeen, setIsSeen] = useState(false)
  useEffect(() => {
    const element = place.current
    if (!element || isSeen) return
    const watch = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) setIsSeen(true)
    })
    watch.observe(element)
    return () => watch.disconnect()
  }, [isSeen])
  return (
    <div ref={place} data-seen={isSeen} style={{ minHeight: height }}>
      {isSeen && children}
    </div>
  )
}
