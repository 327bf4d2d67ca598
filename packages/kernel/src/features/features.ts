import { isSyscallError } from '@bpf/sys'
import { probeAttachType } from './attach-types'
import { btfProbes } from './btf'
import { lastHelper, noisyHelpers, probeHelper } from './helpers'
import { instructionProbes } from './instructions'
import { probeLinkType } from './links'
import { loadingProbes } from './loading'
import { probeMapFlag, probeMapType } from './map-types'
import { judge, type Probe, type ProbeContext, type Verdict } from './probe'
import { probeProgramType } from './program-types'
import { syscallProbes } from './syscall'

const probes = { ...btfProbes, ...loadingProbes, ...instructionProbes, ...syscallProbes } satisfies Record<string, Probe>

/** Abilities that `has` knows. */
export type KernelFeature = keyof typeof probes
export const kernelFeatures = Object.keys(probes) as readonly KernelFeature[]

/**
 * What the kernel can do, found out by trying, each question once. A probe that could not tell (no rights, no memory) is
 * tried again next time.
 */
export class Features {
  readonly #context: ProbeContext
  readonly #known = new Map<string, boolean>()

  constructor(context: ProbeContext) {
    this.#context = context
  }

  /** Undefined when it cannot be told. */
  has(feature: KernelFeature): Verdict {
    return this.#ask(feature, probes[feature])
  }

  /** `ProgType`. */
  programType(type: number): Verdict {
    return this.#ask(`program type ${type}`, context => probeProgramType(context, type))
  }

  /** `MapType`. */
  mapType(type: number): Verdict {
    return this.#ask(`map type ${type}`, context => probeMapType(context, type))
  }

  /** `MapFlag`. */
  mapFlag(flag: number): Verdict {
    return this.#ask(`map flag ${flag}`, context => probeMapFlag(context, flag))
  }

  /** `AttachType`. */
  attachType(type: number): Verdict {
    return this.#ask(`attach type ${type}`, context => probeAttachType(context, type))
  }

  /** `LinkType`. */
  linkType(type: number): Verdict {
    return this.#ask(`link type ${type}`, context => probeLinkType(context, type))
  }

  /** Whether programs of a type may call a helper, by its number. Undefined for freplace and struct_ops. */
  helper(type: number, helper: number): Verdict {
    if (this.programType(type) === false) return false
    return this.#ask(`helper ${type} ${helper}`, context => probeHelper(context, type, helper))
  }

  /**
   * The numbers of all helpers a program type may call. With `noisy` also those that make the kernel log a warning when
   * they are tried.
   */
  helpers(type: number, options: { readonly noisy?: boolean } = {}): readonly number[] {
    const numbers = Array.from({ length: lastHelper }, (_, index) => index + 1)
    return numbers.filter(helper => (options.noisy || !noisyHelpers.includes(helper)) && this.helper(type, helper) === true)
  }

  #ask(key: string, probe: Probe): Verdict {
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const verdict = attempt(probe, this.#context)
    if (verdict !== undefined) this.#known.set(key, verdict)
    return verdict
  }
}

/** A probe whose preparations the kernel refuses, for lack of rights say, could not tell. */
function attempt(probe: Probe, context: ProbeContext): Verdict {
  try {
    return probe(context)
  } catch (error) {
    if (isSyscallError(error) && judge(error.errno) === undefined) return undefined
    throw error
  }
}
