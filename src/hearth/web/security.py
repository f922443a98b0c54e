"""The headers that every answer carries, whoever asks."""

from typing import Final

from hearth.web.doors import Site

Headers = list[tuple[bytes, bytes]]

# wasm-unsafe-eval lets the barcode reader compile its WebAssembly; it does not allow eval.
CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'wasm-unsafe-eval'",
        "style-src 'self'",
        "img-src 'self' blob: data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

PERMISSIONS_POLICY: Final = (
    "camera=(self), microphone=(self), geolocation=(self), payment=(), usb=(), browsing-topics=()"
)


def security_headers(site: Site) -> Headers:
    """Content security policy and its companions; HSTS only where people come over TLS."""
    headers: Headers = [
        (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"strict-origin-when-cross-origin"),
        (b"permissions-policy", PERMISSIONS_POLICY.encode()),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"x-frame-options", b"DENY"),
    ]
    if site.https:
        headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    return headers
