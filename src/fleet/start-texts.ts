/** The file that `wwanpi init` writes. Nothing in it is set, so that no image has an APN that nobody chose. */
export const PROJECT_START = `# The image that "wwanpi build" makes in this folder. Options on the command line win.
# Remove the "#" before a field to set it. These are the usual ones; docs/reference/fleet-file.md
# has all of them, and "wwanpi build --help-all" says more.

# The access point name, from the letter with the SIM card; or the carrier, as
# "wwanpi carriers WORDS" names it. One of them is needed.
#apn: internet
#carrier: us/metropcs

# Where the APN needs them. A field that ends in -env names an environment variable, so that
# the secret is not in this file.
#apn-user: joe
#apn-password-env: APN_PASSWORD
#pin-env: SIM_PIN

# raspbian-stretch (of 2019, without updates), debian-bookworm (for the Pi 2 and 3), or a file.
#base: debian-bookworm

# Who logs in, and how: with a key, a password, or both. A path begins at this folder.
#user: anna
#ssh-key: ~/.ssh/id_ed25519.pub
#password-env: PI_PASSWORD
#hostname: my-pi

# Where the Pi is. debian-bookworm has no other locale than C.UTF-8, and no keyboard layouts.
#timezone: Europe/Berlin
#locale: de_DE.UTF-8
#keyboard: de

# A Wi-Fi network besides LTE.
#wifi-ssid: home
#wifi-psk-env: WIFI_PASSPHRASE
#wifi-country: DE

# Ports open to the mobile network; none by default.
#wwan-allow: [ssh, 8080/tcp]
`;

/** The file that `wwanpi init --fleet` writes; a fleet as it stands. */
export const FLEET_START = `# Many images, for "wwanpi fleet FILE". docs/reference/fleet-file.md has every field, and
# "wwanpi build --help-all" says more about each. Remove the "#" before a field to set it.

# Options of every image that does not set them itself.
defaults:
  # raspbian-stretch (of 2019, without updates), debian-bookworm (for the Pi 2 and 3), or a file.
  base: raspbian-stretch
  # {name} is the name of the image.
  hostname: pi-{name}
  # Who logs in, and how. A path begins at the folder of this file. A field that ends in -env
  # names an environment variable, so that the secret is not in this file.
  #user: anna
  #ssh-key: ~/.ssh/id_ed25519.pub
  #password-env: PI_PASSWORD
  #timezone: Europe/Berlin

# One image each. "wwanpi carriers WORDS" finds carriers.
images:
  - carrier: us/metropcs
  - carrier: gb/ee
  - name: my-company
    apn: internet.example
    #apn-user: joe
    #apn-password-env: APN_PASSWORD
`;
