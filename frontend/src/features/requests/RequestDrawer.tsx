export default function RequestDrawer() { return null; }
