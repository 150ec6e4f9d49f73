/** Whether an `Accept-Encoding` header takes gzip (RFC 9110, section 12.5.3); `q=0` means it does not. */
export const acceptsGzip = (header: string | null): boolean =>
  (header ?? "").split(",").some((each) => {
    const [coding = "", ...parameters] = each.split(";").map((part) => part.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return (coding === "gzip" || coding === "x-gzip" || coding === "*") && !isRefused;
  });
