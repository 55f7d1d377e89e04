import QRCode from 'qrcode'

import { type Html, html } from './html.ts'

/** A QR code as one path of unit squares, with the quiet margin that readers need. */
export interface QrPath {
  readonly size: number
  readonly path: string
}

/** Modules; ISO/IEC 18004 asks for four. */
const MARGIN = 4

/** Draws `text` as runs of dark modules, row by row. */
export const drawQr = (text: string): QrPath => {
  const { size, data } = QRCode.create(text, { errorCorrectionLevel: 'M' }).modules
  const runs: string[] = []
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size;) {
      let length = 0
      while (x + length < size && data[y * size + x + length]) length += 1
      if (length > 0) runs.push(`M${x + MARGIN} ${y + MARGIN}h${length}v1h-${length}z`)
      x += length || 1
    }
  }
  return { size: size + 2 * MARGIN, path: runs.join('') }
}

export const renderQr = ({ size, path }: QrPath, label: string): Html =>
  html`<svg
    id="qr"
    class="qr"
    role="img"
    aria-label="${label}"
    viewBox="0 0 ${size} ${size}"
    shape-rendering="crispEdges"
    xmlns="http://www.w3.org/2000/svg"
  >
    <path fill="#000" d="${path}" />
  </svg>`
