/** The error codes on the wire, for clients to switch on. */
export type ErrorCode =
  | "invalid"
  | "too_long"
  | "too_fast"
  | "not_allowed"
  | "muted"
  | "not_found"
  | "too_many"
  | "internal";

/**
 * Every reason to refuse a request, and its code. The words are under the same keys in
 * `templates/locales/`.
 */
export const REFUSALS = {
  beforeOrAfter: "invalid",
  boolean: "invalid",
  fileEmpty: "invalid",
  fileIds: "invalid",
  frameArray: "invalid",
  frameJson: "invalid",
  frameObject: "invalid",
  frameText: "invalid",
  howBan: "invalid",
  howClose: "invalid",
  howKeep: "invalid",
  howKeepNumber: "invalid",
  idString: "invalid",
  isSocket: "invalid",
  jsonBody: "invalid",
  jsonType: "invalid",
  lengthRequired: "invalid",
  linkRange: "invalid",
  list: "invalid",
  messageNumber: "invalid",
  nameBadge: "invalid",
  nameEmpty: "invalid",
  nameInvisible: "invalid",
  nameMalformed: "invalid",
  names: "invalid",
  noSuchCommand: "invalid",
  onOff: "invalid",
  oneEmoji: "invalid",
  oneOf: "invalid",
  oneFileField: "invalid",
  onlyProtocol: "invalid",
  passwordTooShort: "invalid",
  tokenScopes: "invalid",
  roomNameInvalid: "invalid",
  range: "invalid",
  rangeNotSatisfiable: "invalid",
  searchBackwards: "invalid",
  severalCalled: "invalid",
  shortString: "invalid",
  slowRange: "invalid",
  string: "invalid",
  talkLimit: "invalid",
  textEmpty: "invalid",
  textMalformed: "invalid",
  textNul: "invalid",
  unknownField: "invalid",
  unknownType: "invalid",
  uploadBroken: "invalid",
  whichMessage: "invalid",
  wholeNumber: "invalid",
  whom: "invalid",
  yourself: "invalid",
  bodyTooLong: "too_long",
  fileTooLarge: "too_long",
  messageTooLong: "too_long",
  nameTooLong: "too_long",
  passwordTooLong: "too_long",
  questionTooLong: "too_long",
  topicTooLong: "too_long",
  beforeWelcome: "too_fast",
  rateLimited: "too_fast",
  roomBusy: "too_fast",
  slowMode: "too_fast",
  adminsOnly: "not_allowed",
  adminsOnlyEverywhere: "not_allowed",
  banned: "not_allowed",
  bannedWhy: "not_allowed",
  claimFirst: "not_allowed",
  conversationFixed: "not_allowed",
  conversationForTwo: "not_allowed",
  crossSite: "not_allowed",
  crossSiteSocket: "not_allowed",
  formExpired: "not_allowed",
  guestNamed: "not_allowed",
  handlerDown: "not_allowed",
  handlerReason: "not_allowed",
  membersOnly: "not_allowed",
  methodNotAllowed: "not_allowed",
  metricsClosed: "not_allowed",
  moderatorsOnly: "not_allowed",
  nameLooksOwned: "not_allowed",
  nameOwned: "not_allowed",
  namePresent: "not_allowed",
  nameReserved: "not_allowed",
  nameTaken: "not_allowed",
  noInbox: "not_allowed",
  notOutranked: "not_allowed",
  notReached: "not_allowed",
  pushService: "not_allowed",
  pushKey: "invalid",
  notSignedIn: "not_allowed",
  notYourConversation: "not_allowed",
  notYourMessage: "not_allowed",
  notYourself: "not_allowed",
  ownName: "not_allowed",
  passwordRequired: "not_allowed",
  roomArchived: "not_allowed",
  roomLocked: "not_allowed",
  roomReadOnly: "not_allowed",
  sanctionOutranks: "not_allowed",
  setupLinkVoid: "not_allowed",
  signedOut: "not_allowed",
  unknownHost: "not_allowed",
  tokenRooms: "not_allowed",
  tokenScope: "not_allowed",
  tokenVoid: "not_allowed",
  uploadsOff: "not_allowed",
  wrongCredentials: "not_allowed",
  wrongPassword: "not_allowed",
  wrongRoomPassword: "not_allowed",
  muted: "muted",
  mutedWhy: "muted",
  addressUnknown: "not_found",
  gone: "not_found",
  invitationVoid: "not_found",
  noSanction: "not_found",
  noSuchAccount: "not_found",
  noSuchAddress: "not_found",
  noSuchAsset: "not_found",
  noSuchFile: "not_found",
  noSuchHook: "not_found",
  noSuchMessage: "not_found",
  noSuchPerson: "not_found",
  noSuchReaction: "not_found",
  noSuchReport: "not_found",
  noSuchRoom: "not_found",
  noSuchToken: "not_found",
  nobodyCalled: "not_found",
  notInForce: "not_found",
  blockLimit: "too_many",
  diskFull: "too_many",
  fileLimit: "too_many",
  pinLimit: "too_many",
  reactionLimit: "too_many",
  socketLimit: "too_many",
  streamLimit: "too_many",
  uploadLimit: "too_many",
  internalFault: "internal",
  notStored: "internal",
  restarting: "internal",
} as const satisfies Readonly<Record<string, ErrorCode>>;

export type RefusalKey = keyof typeof REFUSALS;
/** Values for the placeholders in a refusal's words. */
export type RefusalParams = Readonly<Record<string, string | number>>;

/**
 * The reason a request was refused. Returned, never thrown. It holds no words: the socket, the page
 * and the API translate its key and parameters into the reader's language.
 */
export class Refusal {
  constructor(
    readonly key: RefusalKey,
    readonly params: RefusalParams = {},
    /** Milliseconds until the same request may succeed; only with `too_fast` and `muted`. */
    readonly retryAfterMs?: number,
  ) {}

  get code(): ErrorCode {
    return REFUSALS[this.key];
  }
}
