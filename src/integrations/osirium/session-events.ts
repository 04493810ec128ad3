import type { SessionEvents } from '../../model/privileged-session.ts';

/** Connections to devices in the events of PxM. Their ends may name the device and leave out its address; they tell when it began. */
export const osiriumSessionEvents: SessionEvents = {
  product: 'osirium',
  datasets: ['osirium.pam'],
  opens: ['session_started'],
  ends: ['session_ended'],
  cuts: [],
  deeds: {},
  began: 'event.start',
  keys: [
    ['user.name', 'destination.user.name', 'destination.domain'],
    ['user.name', 'destination.user.name', 'destination.ip'],
  ],
};
