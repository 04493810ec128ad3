/** Loaded with `node --import` before the hub: its clock is wrong by `EARSHOT_CLOCK_OFFSET_SECS`. The product knows nothing of it. */
const offset = Number(process.env.EARSHOT_CLOCK_OFFSET_SECS) * 1000;
const now = Date.now.bind(Date);
Date.now = () => now() + offset;
