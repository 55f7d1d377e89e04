import { Button } from '@mantine/core'

/** A small button in a row; `about` says for whoever does not see the row what it is about. */
export const QueueButton = ({ label, about, onPress }: { label: string; about: string; onPress: () => void }) => (
  <Button size="compact-sm" variant="default" aria-label={about} onClick={onPress}>
    {label}
  </Button>
)
