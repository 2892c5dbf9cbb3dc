/** Strata's sequence models: recurrent layers and attention. */
export {};
