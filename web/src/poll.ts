// Repeats a piece of work while the page is looked at: at once, then after each pause, and at once again when
// the page comes back to the front. A slow answer delays the next round instead of piling up behind it.
export function poll(work: () => Promise<void>, pauseMs: number): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isRunning = false;

  const round = async (): Promise<void> => {
    if (isRunning) return;
    isRunning = true;
    clearTimeout(timer);
    try {
      await work();
    } finally {
      isRunning = false;
      if (!document.hidden) timer = setTimeout(() => void round(), pauseMs);
    }
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else void round();
  });
  void round();
}
