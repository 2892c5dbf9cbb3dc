// Lint rules of this workspace's own.

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

export default { meta: { name: 'strata' }, rules: { 'module-fields': moduleFields } };
