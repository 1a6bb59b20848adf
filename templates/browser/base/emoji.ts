/** Offered for quick reactions. */
export const QUICK = ["👍", "❤️", "😂", "🎉", "👀", "🙏"] as const;
