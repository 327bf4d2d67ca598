/** Of a source file, without its directories, which are those of the machine that compiled it. */
export function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
