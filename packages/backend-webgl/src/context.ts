/// <reference lib="dom" />
/** The WebGL 2 context: how one is made, and why one cannot be. */

/**
 * A context on a canvas of its own, which is not shown; null where the browser has none to give.
 * Software renderers are welcome: slow is better than not at all, and describe() names them.
 */
export function createContext(): WebGL2RenderingContext | null {
  // An element where there is a page: Safari cannot wait for results on an OffscreenCanvas.
  const canvas =
    typeof document === 'undefined' ? new OffscreenCanvas(1, 1) : document.createElement('canvas');
  return canvas.getContext('webgl2', {
    alpha: false,
    antialias: false,
    depth: false,
    stencil: false,
    premultipliedAlpha: false,
    preserveDrawingBuffer: false,
    failIfMajorPerformanceCaveat: false,
  }) as WebGL2RenderingContext | null;
}

/** Gives a context back at once; browsers keep only some sixteen of them. */
export function releaseContext(gl: WebGL2RenderingContext): void {
  gl.getExtension('WEBGL_lose_context')?.loseContext();
}

/** Why WebGL cannot compute here, or null when it can. Never throws. */
export function whyNot(): string | null {
  if (typeof document === 'undefined' && typeof OffscreenCanvas === 'undefined') {
    return 'WebGL needs a browser: there is neither a document nor an OffscreenCanvas here';
  }
  try {
    const gl = createContext();
    if (!gl) return 'the browser gives no WebGL 2 context (it has none, or WebGL is turned off)';
    try {
      return rendersFloat32(gl)
        ? null
        : 'the GPU cannot render to float32 textures, and 16-bit floats are not enough';
    } finally {
      releaseContext(gl);
    }
  } catch (error) {
    return `asking for a WebGL 2 context failed: ${String(error)}`;
  }
}

/** What the browser says of the GPU behind a context. */
export function rendererOf(gl: WebGL2RenderingContext): string {
  const info = gl.getExtension('WEBGL_debug_renderer_info');
  return String(gl.getParameter(info ? info.UNMASKED_RENDERER_WEBGL : gl.RENDERER));
}

function rendersFloat32(gl: WebGL2RenderingContext): boolean {
  if (!gl.getExtension('EXT_color_buffer_float')) return false;
  // The extension may be there and the framebuffer incomplete all the same.
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA32F, 1, 1, 0, gl.RGBA, gl.FLOAT, null);
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  const texture = gl.getParameter(gl.TEXTURE_BINDING_2D) as WebGLTexture | null;
  gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
  return gl.checkFramebufferStatus(gl.FRAMEBUFFER) === gl.FRAMEBUFFER_COMPLETE;
}
