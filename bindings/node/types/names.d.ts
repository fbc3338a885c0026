/** Turning names: camelCase here, snake_case in the core and the emulator. By rule, so that there is no list to keep. */
/** `instanceId` as `instance_id`. */
export declare function snake(name: string): string;
/** `instance_id` as `instanceId`. */
export declare function camel(name: string): string;
/** A JSON value with all its keys turned, apart from those that are data. */
export declare function withKeys(value: unknown, turn: (name: string) => string): unknown;
/** A value as JSON text with snake_case keys. */
export declare function snakeJson(value: unknown): string;
/** JSON text with snake_case keys as a value. */
export declare function fromSnakeJson(text: string): unknown;
