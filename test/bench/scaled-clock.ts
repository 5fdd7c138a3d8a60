import {setTimeout as delay} from 'node:timers/promises';
import type {Clock} from '../../src/source/http/budget.js';

const readMs = (): number => performance.timeOrigin + performance.now();

/** The time since `startMs`, passing `scale` times as fast. Two processes that share both numbers share the time. */
export function scaleTime(startMs: number, scale: number): () => number {
  return () => startMs + (readMs() - startMs) * scale;
}

export function createScaledClock(startMs: number, scale: number): Clock {
  return {
    now: scaleTime(startMs, scale),
    sleep: async (ms, signal) => delay(ms / scale, undefined, {signal}),
    random: Math.random,
  };
}
