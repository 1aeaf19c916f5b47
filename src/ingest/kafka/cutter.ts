import type { PayloadMessage } from './payload/message.ts'

/** A message as the cutters see it. */
export interface ReadMessage extends PayloadMessage {
  readonly offset: number
  /** The bytes of its key, one character each; undefined without a key. */
  readonly key: string | undefined
  /** Label of its source. */
  readonly source: string
}

/** A window that a message completed. */
export interface CutWindow {
  /** Where it lies: the partition, for sound with the Kafka offset where its segment begins. */
  readonly stream: string
  /** Kafka offset of a frame, or the position of a window's first sample in its segment. */
  readonly offset: number
  /** Tells frames of one message apart. */
  readonly part: string
  /** Milliseconds since the epoch. */
  readonly time: number
  readonly data: Float32Array
  /** Kafka offset of the first message that it draws on. */
  readonly first: number
}

/** Makes windows of the messages of one partition. */
export interface Cutter {
  /** @throws AuscultError for a message that cannot be decoded */
  cut(message: ReadMessage): Cut
  /** A message of this key was left out. @returns keys of which something may have been let go */
  lost(key: string | undefined): readonly (string | undefined)[]
  /** Messages were left out whose keys are not known. @returns as `lost` */
  lostOfAny(): readonly (string | undefined)[]
  /** Kafka offset of the first message of this key with samples for a window to come. */
  parked(key: string | undefined): number | undefined
  /** Lets go of keys that have said nothing for long, judged by the newest message. @returns those that held something */
  expire(): (string | undefined)[]
  /** What a restart needs of the messages before `committed`; null when it is nothing. Shorter than `room` bytes. */
  metadata(committed: number, room: number): string | null
}

export interface Cut {
  readonly windows: readonly CutWindow[]
  /** Why the message does not continue the sound before it. */
  readonly gap?: string | undefined
  /** Why the message was left out: as a reason of a count, and in words. */
  readonly dropped?: { readonly reason: string; readonly message: string } | undefined
}
