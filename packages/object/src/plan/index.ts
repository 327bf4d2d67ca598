export { type PlanOptions, plan } from './plan'
export { InstructionPlanError, PlanError, type PlanErrorCode, ProgramPlanError } from './plan-error'
export { KFUNC_POISON, MAP_POISON } from './references'
