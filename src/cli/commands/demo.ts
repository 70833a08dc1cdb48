/** `itirp demo`: a trading day against the real server. */
import { Command } from 'commander';

export const demoCommand = (): Command => new Command('demo').description('play a trading day');
