/** The little of jasmine-core that is used; the package has no types. */
declare module 'jasmine-core' {
  const jasmineCore: {
    /** A jasmine that leaves the global scope alone; a new one when `reinitialize` is true. */
    noGlobals(reinitialize: boolean): unknown;
  };
  export default jasmineCore;
}
