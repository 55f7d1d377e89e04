import { Anchor, Card, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'

interface FigureProps {
  readonly name: string
  readonly label: string
  readonly value: string
  /** What stands below it in small. */
  readonly more?: string
  /** Where what is counted is listed. */
  readonly to?: string
}

/** One number, and where its rows are. */
export const Figure = ({ name, label, value, more, to }: FigureProps) => (
  <Card withBorder>
    <Text size="sm" c="dimmed">
      {to === undefined ? (
        label
      ) : (
        <Anchor component={Link} to={to} size="sm">
          {label}
        </Anchor>
      )}
    </Text>
    <Text fz={26} fw={650} data-testid={`figure-${name}`}>
      {value}
    </Text>
    {more !== undefined && (
      <Text size="xs" c="dimmed">
        {more}
      </Text>
    )}
  </Card>
)
