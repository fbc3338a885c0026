import { call } from './calls.js';
import type { NativeSource } from './generated/native.js';
import type { CallOptions } from './generated/options.js';

/**
 * The items of one list of the service, over all its pages. Nothing is read until the first item is requested, and
 * then one page at a time. An item that is on two pages, because the list has changed in between, is returned once.
 *
 * A rejection does not end it: another loop over the same listing continues where it stopped, and reads the page that
 * failed again; so does a loop after one that was left. A page that only repeats earlier items is an error of kind
 * `protocol`, because such a list may have no end.
 *
 * @example
 * ```ts
 * for await (const { instanceId, name } of client.listInstances()) console.log(instanceId, name);
 * ```
 */
export class Listing<T> implements AsyncIterableIterator<T> {
  readonly #native: NativeSource;
  readonly #options: CallOptions | undefined;
  readonly #prepare: ((item: T) => T) | undefined;
  /** The items of the page that are still left, in reverse. */
  #items: T[] = [];
  #ended = false;
  #pageNo = 1;
  #reading: Promise<void> | undefined;

  /** @internal */
  constructor(native: NativeSource, options?: CallOptions, prepare?: (item: T) => T) {
    this.#native = native;
    this.#options = options;
    this.#prepare = prepare;
  }

  /** The page that is read next, from 1. Items of the page before it may still be left. */
  get pageNo(): number {
    return this.#pageNo;
  }

  /** The next item. */
  async next(): Promise<IteratorResult<T, undefined>> {
    while (this.#items.length === 0 && !this.#ended) {
      // Concurrent callers wait for the same page.
      await (this.#reading ??= this.#read().finally(() => (this.#reading = undefined)));
    }
    const value = this.#items.pop();
    return value === undefined ? { done: true, value: undefined } : { done: false, value };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async #read(): Promise<void> {
    const page = await call((...header) => this.#native.ask(...header), this.#options);
    const [items, pageNo] = page as [T[], number];
    this.#items = (this.#prepare ? items.map(this.#prepare) : items).reverse();
    [this.#pageNo, this.#ended] = [pageNo, items.length === 0];
  }
}
