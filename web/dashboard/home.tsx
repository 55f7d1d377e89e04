import { Overview } from '../features/overview/overview.tsx'
import { StartCard } from '../features/start/start-card.tsx'
import { useStartProgress } from '../features/start/use-start-progress.ts'
import { Rows } from '../ui/rows.tsx'

/** Where one comes in: what is left of the set-up, then what happened. */
export const Home = () => {
  const { isLoading } = useStartProgress()
  // Whether the card stands there is known first, so that nothing is pushed down by it.
  if (isLoading) return <Rows />
  return (
    <>
      <StartCard />
      <Overview />
    </>
  )
}
