import 'vant/es/toast/style/index.mjs'
import './vant-theme.css'

export { showToast } from 'vant/es/toast/index'
