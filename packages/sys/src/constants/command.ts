/** `enum bpf_cmd`. The comment is the kernel an entry came with. */
export const BpfCommand = {
  MapCreate: 0, // 3.18
  MapLookupElem: 1, // 3.19
  MapUpdateElem: 2, // 3.19
  MapDeleteElem: 3, // 3.19
  MapGetNextKey: 4, // 3.19
  ProgLoad: 5, // 3.18
  ObjPin: 6, // 4.4
  ObjGet: 7, // 4.4
  ProgAttach: 8, // 4.10
  ProgDetach: 9, // 4.10
  ProgTestRun: 10, // 4.12
  ProgGetNextId: 11, // 4.13
  MapGetNextId: 12, // 4.13
  ProgGetFdById: 13, // 4.13
  MapGetFdById: 14, // 4.13
  ObjGetInfoByFd: 15, // 4.13
  ProgQuery: 16, // 4.15
  RawTracepointOpen: 17, // 4.17
  BtfLoad: 18, // 4.18
  BtfGetFdById: 19, // 4.19
  TaskFdQuery: 20, // 4.18
  MapLookupAndDeleteElem: 21, // 4.20
  MapFreeze: 22, // 5.2
  BtfGetNextId: 23, // 5.4
  MapLookupBatch: 24, // 5.6
  MapLookupAndDeleteBatch: 25, // 5.6
  MapUpdateBatch: 26, // 5.6
  MapDeleteBatch: 27, // 5.6
  LinkCreate: 28, // 5.7
  LinkUpdate: 29, // 5.7
  LinkGetFdById: 30, // 5.8
  LinkGetNextId: 31, // 5.8
  EnableStats: 32, // 5.8
  IterCreate: 33, // 5.8
  LinkDetach: 34, // 5.9
  ProgBindMap: 35, // 5.10
  TokenCreate: 36, // 6.9
  ProgStreamReadByFd: 37, // 6.17
  ProgAssocStructOps: 38, // 7.0
} as const
export type BpfCommand = (typeof BpfCommand)[keyof typeof BpfCommand]
