/**
 * EXT-X-VERSION of every playlist: EXT-X-MAP needs 6 (RFC 8216 §7); 7 is what Apple's tools write for
 * fragmented MP4.
 */
export const hlsVersion = 7;
