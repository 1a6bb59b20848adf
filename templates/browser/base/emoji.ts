/** For a reaction at once. */
export const QUICK = ["👍", "❤️", "😂", "🎉", "👀", "🙏"] as const;
