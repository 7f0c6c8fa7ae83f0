// The document of the tests has no layout: everything measures like a window.
const size = { width: 1100, height: 600 };

class FixedResizeObserver implements ResizeObserver {
  readonly #receive: ResizeObserverCallback;
  constructor(receive: ResizeObserverCallback) {
    this.#receive = receive;
  }
  observe(target: Element): void {
    const entry = {
      target,
      contentRect: { ...size, x: 0, y: 0, top: 0, left: 0, right: size.width, bottom: size.height },
    };
    this.#receive([entry as unknown as ResizeObserverEntry], this);
  }
  unobserve(): void {
    // Sizes never change.
  }
  disconnect(): void {
    // Sizes never change.
  }
}

class SilentEventSource {
  close(): void {
    // Events of tests come through createEventSink.
  }
}

window.ResizeObserver = FixedResizeObserver;
window.EventSource = SilentEventSource as unknown as typeof EventSource;
for (const side of ["offset", "client"]) {
  Object.defineProperty(HTMLElement.prototype, `${side}Height`, {
    configurable: true,
    get: () => size.height,
  });
  Object.defineProperty(HTMLElement.prototype, `${side}Width`, { configurable: true, get: () => size.width });
}
Element.prototype.scrollIntoView = () => undefined;
