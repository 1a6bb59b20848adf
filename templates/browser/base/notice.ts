/** The service worker that shows notifications, if there is one. */
async function worker(): Promise<ServiceWorkerRegistration | undefined> {
  if (!("serviceWorker" in navigator)) return undefined;
  const registration = await navigator.serviceWorker.getRegistration();
  return registration?.active ? registration : undefined;
}

/**
 * Shows a notification: through the service worker, which responds to a press even when the page is
 * gone, and which Android requires; otherwise by the page itself.
 */
export async function showNotice(
  title: string,
  body: string,
  icon: string,
  onOpen: () => void,
): Promise<void> {
  const url = location.href.replace(/#.*$/, "");
  const options = { body, icon, tag: url };
  const registration = await worker();
  if (registration) return registration.showNotification(title, options);
  const notification = new Notification(title, options);
  notification.onclick = () => {
    window.focus();
    notification.close();
    onOpen();
  };
}

/** The worker brought this page to the front because its notification was pressed. */
export function onNoticeOpened(act: () => void): void {
  navigator.serviceWorker?.addEventListener("message", act);
}
