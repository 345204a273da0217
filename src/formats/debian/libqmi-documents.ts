/** Texts of our libqmi packages under /usr/share/doc. */

/** libqmi's home. */
export const LIBQMI_HOMEPAGE = 'https://www.freedesktop.org/wiki/Software/libqmi/';

/** https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/, after libqmi's own AUTHORS, COPYING and COPYING.LIB. */
export const LIBQMI_COPYRIGHT = `Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: libqmi
Source: https://www.freedesktop.org/software/libqmi/

Files: *
Copyright: 2011-2022 Aleksander Morgado <aleksander@aleksander.es>
           2011-2022 Google, Inc.
           2012-2017 Dan Williams <dcbw@redhat.com>
           2012-2017 Lanedo GmbH
           2013-2017 Zodiac Inflight Innovations
           and others named in the source
License: GPL-2+

Files: src/libqmi-glib/*
Copyright: 2011-2022 Aleksander Morgado <aleksander@aleksander.es>
           and others named in the source
License: LGPL-2.1+

License: GPL-2+
 This program is free software; you can redistribute it and/or modify it under
 the terms of the GNU General Public License as published by the Free Software
 Foundation; either version 2 of the License, or (at your option) any later
 version.
 .
 On Debian systems, the full text of the license is in
 /usr/share/common-licenses/GPL-2.

License: LGPL-2.1+
 This library is free software; you can redistribute it and/or modify it under
 the terms of the GNU Lesser General Public License as published by the Free
 Software Foundation; either version 2.1 of the License, or (at your option) any
 later version.
 .
 On Debian systems, the full text of the license is in
 /usr/share/common-licenses/LGPL-2.1.
`;

/** The package's changelog.Debian (Debian Policy 4.4), one entry. */
export function formatLibqmiChangelog(version: string, epochSeconds: number): string {
  const upstream = version.replace(/-[^-]*$/, '');
  const date = new Date(epochSeconds * 1000).toUTCString().replace('GMT', '+0000');
  return `libqmi (${version}) unstable; urgency=medium

  * libqmi ${upstream}, cross-compiled by wwanpi for the image it is part of.
  * qmi-network: keep the state in /run/wwanpi, which is root's, and not in /tmp.

 -- wwanpi image builder <wwanpi@localhost>  ${date}
`;
}
