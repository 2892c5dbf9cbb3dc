// Lint rules of this workspace's own.
import { builtinModules } from 'node:module';

/**
 * A Module finds its parameters by walking its enumerable fields: it cannot see `#private` ones, and a
 * field that a subclass declares again is reset to undefined after super().
 */
const moduleFields = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    return {
      ClassBody(body) {
        const { superClass } = body.parent;
        if (superClass?.type !== 'Identifier') return;
        const isModule = /(^Module$|Module$|^Sequential$)/.test(superClass.name);
        if (!isModule) return;
        for (const member of body.body) {
          if (member.type !== 'PropertyDefinition') continue;
          if (member.key.type === 'PrivateIdentifier') {
            context.report({
              node: member,
              message: 'A Module cannot see #private fields: use `private`.',
            });
          } else if (member.override) {
            context.report({
              node: member,
              message: 'A redeclared field is reset after super(): assign it in the constructor.',
            });
          }
        }
      },
    };
  },
};

/**
 * What runs in the browser too names nothing of Node's outside the platform seam: no module, however it is loaded, and no global.
 * `process.env.NODE_ENV` is the exception that bundlers know.
 */
const noNode = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const report = (node, name) =>
      context.report({
        node,
        message: `'${name}' is Node's: outside src/platform the same program runs in the browser.`,
      });
    const checkSource = ({ source }) => {
      const name = source?.value;
      if (typeof name !== 'string') return;
      if (name.startsWith('node:') || builtinModules.includes(name)) report(source, name);
    };
    return {
      ImportDeclaration: checkSource,
      ExportNamedDeclaration: checkSource,
      ExportAllDeclaration: checkSource,
      ImportExpression: checkSource,
      CallExpression({ callee }) {
        if (callee.type === 'Identifier' && callee.name === 'require') report(callee, 'require');
      },
      Identifier(node) {
        if (GLOBALS.has(node.name) && isReference(node) && !isNodeEnv(node))
          report(node, node.name);
      },
    };
  },
};

const GLOBALS = new Set(['process', 'Buffer', '__dirname', '__filename', 'setImmediate']);

/** Not the name of a member, a key or a declaration, unless it is taken from globalThis. */
function isReference({ parent, name }) {
  if (parent.type === 'TSPropertySignature') return false;
  if (parent.type === 'VariableDeclarator' && parent.id.name === name) return false;
  if (parent.type === 'MemberExpression' && !parent.computed && parent.property.name === name)
    return parent.object.type === 'Identifier' && parent.object.name === 'globalThis';
  return !(parent.type === 'Property' && parent.key.name === name && parent.value.name !== name);
}

function isNodeEnv({ name, parent }) {
  const { property, parent: outer } = parent;
  return (
    name === 'process' &&
    property?.name === 'env' &&
    outer.type === 'MemberExpression' &&
    outer.property.name === 'NODE_ENV'
  );
}

export default {
  meta: { name: 'strata' },
  rules: { 'module-fields': moduleFields, 'no-node': noNode },
};
