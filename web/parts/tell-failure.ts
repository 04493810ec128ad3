import { notifications } from '@mantine/notifications';

/** Says that what somebody wanted did not work, and why. */
export function tellFailure(error: Error): void {
  notifications.show({ color: 'red', title: 'This did not work', message: error.message, closeButtonProps: { 'aria-label': 'Close' } });
}
