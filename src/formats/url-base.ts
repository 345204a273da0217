/**
 * The address of a web folder for files, ending in a slash; or the error in it, without the text itself, which may
 * contain a password.
 */
export function parseUrlBase(text: string): { readonly urlBase: string } | { readonly fault: string } {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:\/\/[^/]/i.test(text)) {
    return { fault: 'must be an address that begins with https:// or http://' };
  }
  if (url.username !== '' || url.password !== '') {
    return {
      fault: 'has a user or a password, which every reader of the list or the page would see',
    };
  }
  if (url.search !== '' || url.hash !== '') {
    return { fault: 'must end in a folder: file names are appended to it' };
  }
  return { urlBase: url.href.endsWith('/') ? url.href : `${url.href}/` };
}
