const LENGTH_MAX = 1 << 24
/** What a client of the intermediate transport says first: frames come with their length in four bytes. */
const INTERMEDIATE = 0xeeeeeeee

/** Cuts a stream of bytes into the frames of the intermediate transport. Throws on any other transport. */
export function createFrameReader(receive: (frame: Buffer) => void): (bytes: Buffer) => void {
  let unread: Buffer = Buffer.alloc(0)
  let isTagged = false
  return (bytes) => {
    unread = unread.length === 0 ? bytes : Buffer.concat([unread, bytes])
    if (!isTagged) {
      if (unread.length < 4) return
      if (unread.readUInt32LE(0) !== INTERMEDIATE) throw new Error('the client does not use the intermediate transport')
      unread = unread.subarray(4)
      isTagged = true
    }
    while (unread.length >= 4) {
      const length = unread.readUInt32LE(0)
      if (length > LENGTH_MAX) throw new Error(`a frame of ${length} bytes is too long`)
      if (unread.length < length + 4) return
      const frame = unread.subarray(4, 4 + length)
      unread = unread.subarray(4 + length)
      receive(frame)
    }
  }
}

/** A frame as it goes out. */
export function frameOf(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4)
  length.writeUInt32LE(bytes.length)
  return Buffer.concat([length, bytes])
}
