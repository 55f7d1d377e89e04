import { Alert, type AlertProps } from '@mantine/core'

/** Something that is good to know, in a colour; its title keeps the colour of text, which every background lets read. */
export const Note = ({ children, ...props }: AlertProps) => (
  <Alert role="note" mb="md" styles={{ title: { color: 'var(--mantine-color-text)' } }} {...props}>
    {children}
  </Alert>
)
