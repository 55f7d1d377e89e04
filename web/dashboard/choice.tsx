import styles from './frame.module.css'

/** A choice of the frame: the browser's own list, since the library's would double what the first look loads. */
export const Choice = ({
  label,
  options,
  value,
  onChoose,
}: {
  label: string
  options: readonly { readonly value: string; readonly label: string; readonly disabled?: boolean }[]
  value: string
  onChoose: (value: string) => void
}) => (
  <select
    className={styles['choice']}
    aria-label={label}
    value={value}
    onChange={({ currentTarget }) => onChoose(currentTarget.value)}
  >
    {options.map(({ label: text, ...option }) => (
      <option key={option.value} {...option}>
        {text}
      </option>
    ))}
  </select>
)
