import type {
  ChallengeRequest,
  ChangePasswordRequest,
  ConfirmRequest,
  DeleteAccountRequest,
  InvitationBody,
  InvitationRequest,
  LoginRequest,
  PartsRequest,
  PlaybackBody,
  PublicConfig,
  ResetPasswordRequest,
  SessionBody,
  SignedPart,
  SignedParts,
  SignInBody,
  SignUpRequest,
  TotpBody,
  TotpSetupBody,
  TrackBody,
  TrackChange,
  TrackList,
  UploadBody,
  UploadList,
  UploadStart,
  UploadStarted,
  UserBody,
  VideoBody,
  VideoChange,
  VideoPage,
} from "../../http/schemas.ts";
import type { ApiClient, RequestOptions } from "./client.ts";

/** Videos asked for at once; a screen or two of posters. */
const PAGE_SIZE = 24;

const post = (body: unknown = {}) => ({ method: "POST", body }) satisfies RequestOptions;
/** For requests that work without a session: their 401 is an answer, not a reason to refresh. */
const openPost = (body: unknown = {}) =>
  ({ method: "POST", body, refresh: false }) satisfies RequestOptions;

const trackQuery = (track: Required<TrackChange>): URLSearchParams =>
  new URLSearchParams({
    language: track.language ?? "und",
    kind: track.kind ?? "subtitles",
    default: String(track.isDefault),
    forced: String(track.isForced),
    ...(track.label === null || track.label === undefined ? {} : { label: track.label }),
  });

type PartToSign = { readonly partNumber: number; readonly checksum: string };

/** Every call the page makes, by resource. All throw ApiError. */
export const createApi = ({ request }: ApiClient) => ({
  config: () => request<PublicConfig>("/config"),

  me: () => request<UserBody>("/auth/me"),
  signUp: (body: SignUpRequest) => request<void>("/auth/signup", openPost(body)),
  confirm: (body: ConfirmRequest) => request<void>("/auth/confirm-signup", openPost(body)),
  resendCode: (email: string) => request<void>("/auth/resend-code", openPost({ email })),
  signIn: (body: LoginRequest) =>
    request<SignInBody>("/auth/login", { ...openPost(body), givesSession: true }),
  answerChallenge: (body: ChallengeRequest) =>
    request<SignInBody>("/auth/challenge", { ...openPost(body), givesSession: true }),
  signOut: () => request<void>("/auth/logout", openPost()),
  signOutEverywhere: () => request<void>("/auth/logout-everywhere", post()),
  forgotPassword: (email: string) => request<void>("/auth/forgot-password", openPost({ email })),
  resetPassword: (body: ResetPasswordRequest) =>
    request<void>("/auth/reset-password", openPost(body)),
  changePassword: (body: ChangePasswordRequest) =>
    request<void>("/auth/change-password", post(body)),
  totp: () => request<TotpBody>("/auth/totp"),
  beginTotp: () => request<TotpSetupBody>("/auth/totp", post()),
  confirmTotp: (code: string) => request<void>("/auth/totp/confirm", post({ code })),
  turnTotpOff: (password: string) =>
    request<void>("/auth/totp", { method: "DELETE", body: { password } }),
  sessions: () => request<{ items: SessionBody[] }>("/auth/sessions"),
  endSession: (id: string) => request<void>(`/auth/sessions/${id}`, { method: "DELETE" }),
  invite: (body: InvitationRequest) => request<InvitationBody>("/auth/invitations", post(body)),
  deleteAccount: (body: DeleteAccountRequest) =>
    request<void>("/auth/me", { method: "DELETE", body }),

  videos: (cursor: string | null) =>
    request<VideoPage>(
      `/videos?limit=${PAGE_SIZE}${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
    ),
  video: (id: string) => request<VideoBody>(`/videos/${encodeURIComponent(id)}`),
  changeVideo: (id: string, body: VideoChange) =>
    request<VideoBody>(`/videos/${id}`, { method: "PATCH", body }),
  retryVideo: (id: string) => request<VideoBody>(`/videos/${id}/retry`, post()),
  deleteVideo: (id: string) => request<void>(`/videos/${id}`, { method: "DELETE" }),
  playback: (id: string) => request<PlaybackBody>(`/videos/${encodeURIComponent(id)}/playback`),

  tracks: (videoId: string) => request<TrackList>(`/videos/${videoId}/tracks`),
  addTrack: (videoId: string, file: Blob, track: Required<TrackChange>) =>
    request<TrackBody>(`/videos/${videoId}/tracks?${trackQuery(track)}`, { method: "POST", file }),
  changeTrack: (videoId: string, trackId: string, body: TrackChange) =>
    request<TrackBody>(`/videos/${videoId}/tracks/${trackId}`, { method: "PATCH", body }),
  deleteTrack: (videoId: string, trackId: string) =>
    request<void>(`/videos/${videoId}/tracks/${trackId}`, { method: "DELETE" }),

  uploads: () => request<UploadList>("/uploads"),
  startUpload: (body: UploadStart, idempotencyKey: string) =>
    request<UploadStarted>("/uploads", {
      ...post(body),
      headers: { "idempotency-key": idempotencyKey },
    }),
  upload: (id: string) => request<UploadBody>(`/uploads/${id}`),
  signPart: async (id: string, { partNumber, checksum }: PartToSign): Promise<SignedPart> => {
    const body = { partNumbers: [partNumber], checksums: [checksum] } satisfies PartsRequest;
    const { parts } = await request<SignedParts>(`/uploads/${id}/parts`, post(body));
    const [part] = parts;
    if (part === undefined) {
      throw new Error(`The server signed no address for part ${partNumber}.`);
    }
    return part;
  },
  completeUpload: (id: string) => request<unknown>(`/uploads/${id}/complete`, post()),
  cancelUpload: (id: string) => request<void>(`/uploads/${id}`, { method: "DELETE" }),
});

export type Api = ReturnType<typeof createApi>;
