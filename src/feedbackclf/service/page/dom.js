/* Elements of the page. Texts become text nodes, so that nothing in them is ever HTML. */

export const one = (id) => document.getElementById(id);

/* A new element with properties and children; those that are null are left out. */
export function make(tag, properties = {}, ...children) {
  const { attributes = {}, ...rest } = properties;
  const element = Object.assign(document.createElement(tag), rest);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export const hidden = (text) => make("span", { className: "hidden" }, text);
