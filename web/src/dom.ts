// Elements without a framework: everything is made with createElement and text nodes, so no text from the
// server can ever become markup.
export type Child = Node | string | null;

export interface Attributes {
  readonly [name: string]: string | boolean;
}

export function h(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child): child is Node | string => child !== null));
  return element;
}

// An element that index.html must have; its absence is a bug in the page.
export function byId<T extends HTMLElement>(id: string): T {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`index.html has no #${id}`);
  return element as T;
}
