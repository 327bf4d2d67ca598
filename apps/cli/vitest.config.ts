import { defineConfig, mergeConfig } from 'vitest/config'
import shared from '../../vitest.shared.ts'

/** One file at a time: tests of commands count what is loaded before and after, whoever loaded it. */
export default mergeConfig(shared, defineConfig({ test: { fileParallelism: false } }))
