/** Byte order of this machine: what the kernel reads and writes. */
export const nativeLittleEndian = /* @__PURE__ */ new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
