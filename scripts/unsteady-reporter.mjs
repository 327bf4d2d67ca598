// A vitest reporter that writes down which tests passed only at their second try, one title a line, into UNSTEADY_FILE.
import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'

export default class UnsteadyReporter {
  onTestCaseResult(test) {
    const { UNSTEADY_FILE: file } = process.env
    if (file !== undefined && test.diagnostic()?.flaky)
      appendFileSync(file, `${relative(process.cwd(), test.module.moduleId)}: ${test.fullName}\n`)
  }
}
