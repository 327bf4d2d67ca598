/** One result, as the peers print theirs. */
export function report(name, value) {
  console.log(JSON.stringify({ name, value }))
}
